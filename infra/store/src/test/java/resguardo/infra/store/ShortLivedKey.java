package resguardo.infra.store;

import io.minio.credentials.AssumeRoleProvider;
import io.minio.credentials.Credentials;

/** A key of a MinIO that has no more rights than a policy says, made by its token service. */
final class ShortLivedKey {
  private ShortLivedKey() {}

  /** The same bucket with such a key. */
  static StoreUri.S3 of(StoreUri.S3 owner, String policy) throws Exception {
    Credentials key =
        new AssumeRoleProvider(
                "http://" + owner.host() + ":" + owner.port(),
                owner.accessKey(),
                owner.secretKey(),
                3600,
                policy,
                owner.region(),
                null,
                null,
                null,
                null)
            .fetch();
    return new StoreUri.S3(
        owner.host(),
        owner.port(),
        owner.tls(),
        owner.bucket(),
        key.accessKey(),
        key.secretKey(),
        key.sessionToken(),
        owner.region(),
        owner.locked());
  }
}
