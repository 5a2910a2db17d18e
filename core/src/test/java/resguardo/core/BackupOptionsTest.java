package resguardo.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupOptionsTest {
  private static final String KEY = "age1" + "q".repeat(58);

  private static BackupOptions encryptedTo(List<String> recipients) {
    return new BackupOptions(
        List.of(), false, BackupOptions.Codec.GZIP, null, recipients, false, null);
  }

  @Test
  void aRecipientThatIsGivenTwiceIsOne() {
    assertThat(encryptedTo(List.of(KEY, KEY)).encryptTo()).containsExactly(KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "age1", "age1QQQ", "ssh-ed25519 AAAA", "age1yubikey1qqqq", "x\nage1"})
  void whatIsNoPublicKeyOfAgeIsNoRecipient(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encryptedTo(List.of(KEY, text)))
        .withMessageContaining("age public key");
  }

  @Test
  void aSecretKeyIsRefusedAndNotRepeated() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encryptedTo(List.of("AGE-SECRET-KEY-1ABC")))
        .withMessageContaining("secret key")
        .withMessageNotContaining("ABC");
  }

  @Test
  void moreRecipientsThanANodeCanDoForAreRefused() {
    List<String> many = new java.util.ArrayList<>();
    for (int i = 0; i < 17; i++) {
      many.add("age1" + "qpzry9x8gf2tvdw0s3jn54khce6mua7l".charAt(i) + "q".repeat(57));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> encryptedTo(many))
        .withMessageContaining("16");
    assertThat(encryptedTo(Collections.nCopies(17, KEY)).encryptTo()).hasSize(1);
  }

  @Test
  void limitsOfAlarmsThatAreAsUsualAreNotWrittenDown() {
    BackupOptions usual = BackupOptions.NONE.with(AlarmLimits.USUAL);
    assertThat(usual).isEqualTo(BackupOptions.NONE);
    assertThat(BackupOptions.orAbsent(usual)).isNull();
    assertThat(BackupOptions.NONE.with(AlarmLimits.NEVER).alarmLimits())
        .isEqualTo(AlarmLimits.NEVER);
    assertThat(BackupOptions.NONE.alarmLimits()).isEqualTo(new AlarmLimits(50, 50, 20));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 101})
  void whatIsNoPercentageIsNoLimit(int percent) {
    assertThatIllegalArgumentException().isThrownBy(() -> new AlarmLimits(percent, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new AlarmLimits(1, percent, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new AlarmLimits(1, 1, percent));
  }
}
