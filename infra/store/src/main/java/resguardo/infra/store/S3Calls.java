package resguardo.infra.store;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLPeerUnverifiedException;
import resguardo.core.port.StoreException;

/** Calls of an S3: passing errors are tried again, and every error becomes one of the port's. */
final class S3Calls {
  /**
   * About 15 seconds in all: longer than a server needs to start again, shorter than anyone's
   * patience with one job.
   */
  private static final int RETRIES = 6;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(8);
  private static final double JITTER = 0.3;

  private static final Set<String> NOT_FOUND =
      Set.of("NoSuchKey", "NoSuchBucket", "NoSuchUpload", "ResourceNotFound", "NoSuchObject");
  private static final Set<String> NO_LOCK =
      Set.of("NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError");
  private static final Set<String> CONDITION = Set.of("PreconditionFailed");
  private static final Set<String> DENIED =
      Set.of(
          "AccessDenied",
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "AllAccessDisabled",
          "AccountProblem");

  /** Time-out, conflict with another request under way, too many requests: a repeat can help. */
  private static final Set<Integer> PASSING_STATUS = Set.of(408, 409, 425, 429);

  private static final RetryPolicy<Object> PASSING =
      RetryPolicy.builder()
          .handle(StoreException.Unavailable.class)
          .withBackoff(FIRST_PAUSE, LONGEST_PAUSE)
          .withJitter(JITTER)
          .withMaxRetries(RETRIES)
          .build();

  private S3Calls() {}

  /** Begins a call; made anew for each try. */
  interface Call<T> {
    CompletableFuture<T> begin() throws IOException, MinioException;
  }

  /**
   * Makes a call, again while its errors are passing ones.
   *
   * @param what in words, as in "Failed to what"
   */
  static <T> T retried(String what, Call<T> call) throws StoreException {
    try {
      return Failsafe.with(PASSING).get(() -> once(what, call));
    } catch (FailsafeException e) {
      if (e.getCause() instanceof StoreException known) {
        throw known;
      }
      throw new StoreException.Unavailable("Failed to " + what + ": interrupted.", e);
    }
  }

  /** Makes a call once. */
  static <T> T once(String what, Call<T> call) throws StoreException {
    try {
      return call.begin().get();
    } catch (ExecutionException | CompletionException e) {
      throw failure(what, e.getCause() == null ? e : e.getCause());
    } catch (IOException | MinioException e) {
      throw failure(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException.Unavailable("Failed to " + what + ": interrupted.", e);
    }
  }

  /** The port's error for an error of the client. */
  static StoreException failure(String what, Throwable e) {
    if (e instanceof StoreException known) {
      return known;
    }
    if (e instanceof CompletionException && e.getCause() != null) {
      return failure(what, e.getCause());
    }
    if (e instanceof ErrorResponseException answered) {
      return answered(what, answered);
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedirectedException) {
        return new StoreException.Denied("Failed to " + what + ": " + cause.getMessage() + ".", e);
      }
      if (cause instanceof CertificateException || cause instanceof SSLPeerUnverifiedException) {
        String why = "Failed to " + what + ": " + cause.getMessage() + ".";
        return new StoreException.Denied(why + "\nLook at RESGUARDO_TLS_CA, and at the name.", e);
      }
    }
    return new StoreException.Unavailable(
        "Failed to " + what + ": " + e + ".\nLook whether the store is up and can be reached.", e);
  }

  private static StoreException answered(String what, ErrorResponseException e) {
    String code = String.valueOf(e.errorResponse().code());
    int status = e.response() == null ? 0 : e.response().code();
    String message =
        "Failed to "
            + what
            + ": "
            + code
            + " ("
            + status
            + "), "
            + e.errorResponse().message()
            + ".";
    if (CONDITION.contains(code) || status == 412) {
      return new StoreException.ConditionFailed(message, e);
    }
    if (NOT_FOUND.contains(code) || status == 404) {
      return new StoreException.NotFound(message, e);
    }
    if (DENIED.contains(code) || status == 401 || status == 403) {
      return new StoreException.Denied(message + "\nLook at the key and its rights.", e);
    }
    if (status >= 400 && status < 500 && !PASSING_STATUS.contains(status)) {
      return new StoreException.Denied(message, e);
    }
    return new StoreException.Unavailable(message, e);
  }

  /** Whether what was not found is a lock, and not the object. */
  static boolean isNoLock(StoreException e) {
    return e.getCause() instanceof ErrorResponseException answered
        && NO_LOCK.contains(String.valueOf(answered.errorResponse().code()));
  }

  /** Whether the store found the request to be of a wrong form. */
  static boolean malformed(StoreException e) {
    return e.getCause() instanceof ErrorResponseException answered
        && answered.response() != null
        && answered.response().code() == 400;
  }
}
