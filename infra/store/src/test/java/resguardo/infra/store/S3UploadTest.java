package resguardo.infra.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class S3UploadTest {
  @Test
  void holdsTwoPartsWhichGrowWithWhatIsUploaded() {
    long part = 8 << 20;
    assertThat(S3Upload.held(1000)).isEqualTo(part + 1000);
    assertThat(S3Upload.held(part)).isEqualTo(2 * part);
    assertThat(S3Upload.held(1000 * part)).isEqualTo(2 * part);
    assertThat(S3Upload.held(1000 * part + 1)).isEqualTo(4 * part);
    assertThat(S3Upload.held(3000 * part + 1)).isEqualTo(6 * part);
  }
}
