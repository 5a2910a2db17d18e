package resguardo.infra.store;

import io.minio.ComposeObjectArgs;
import io.minio.Http;
import io.minio.MinioAsyncClient;
import io.minio.SourceObject;
import io.minio.UploadPartCopyArgs;
import io.minio.errors.InternalException;
import io.minio.messages.Part;
import java.util.List;
import resguardo.core.port.ObjectKey;
import resguardo.core.port.StoreException;
import resguardo.core.port.StoredObject;

/**
 * A part of a multipart upload that the store copies by itself, from an object that is as it was
 * when it was looked at.
 *
 * @param id of the upload
 * @param number of the part
 */
record S3PartCopy(MinioAsyncClient client, String bucket, ObjectKey key, String id, int number) {
  /** S3 copies 5 GiB at the most with one call; one that takes minutes could be cut off. */
  static final long LARGEST = 512L * 1024 * 1024;

  /**
   * Copies.
   *
   * @throws StoreException.ConditionFailed when the source has changed
   */
  Part of(StoredObject source, long offset, long length) throws StoreException {
    Http.Headers headers = headers(source, offset, length);
    return S3Calls.retried(
            "copy a part of " + source.key() + " to " + key,
            () -> client.uploadPartCopy(new UploadPartCopyArgs(target(), id, number, headers)))
        .part();
  }

  /** Only the target is taken of it: the client cannot build the arguments of a copy otherwise. */
  private ComposeObjectArgs target() {
    SourceObject any = SourceObject.builder().bucket(bucket).object(key.value()).build();
    return ComposeObjectArgs.builder()
        .bucket(bucket)
        .object(key.value())
        .sources(List.of(any))
        .build();
  }

  private Http.Headers headers(StoredObject source, long offset, long length)
      throws StoreException {
    SourceObject as =
        SourceObject.builder()
            .bucket(bucket)
            .object(source.key().value())
            .matchETag(source.etag())
            .build();
    try {
      Http.Headers headers = new SourceObject(as, source.size(), source.etag()).headers();
      headers.set(
          Http.Headers.X_AMZ_COPY_SOURCE_RANGE, "bytes=" + offset + "-" + (offset + length - 1));
      return headers;
    } catch (InternalException e) {
      throw S3Calls.failure("copy " + source.key(), e);
    }
  }
}
