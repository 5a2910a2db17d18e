package resguardo.admin.notify;

import jakarta.mail.Authenticator;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Sends notices by SMTP.
 *
 * @param name of the channel
 * @param security of the connection
 * @param user absent: it is sent without a login
 * @param password of the user; absent where there is none
 */
record MailChannel(
    String name,
    String host,
    int port,
    Security security,
    @Nullable String user,
    @Nullable String password,
    String from,
    List<String> to,
    Wording wording)
    implements Channel {
  private static final String PATIENCE_MILLIS = "20000";

  /** How the connection is kept from others. */
  enum Security {
    /** TLS from the first byte on. */
    TLS,
    /** TLS after a word, and nothing without it. */
    STARTTLS,
    /** Not at all: for a server on the same machine. */
    NONE
  }

  @Override
  public void send(Notice notice) throws IOException {
    try {
      MimeMessage message = new MimeMessage(session());
      message.setFrom(new InternetAddress(from));
      for (String address : to) {
        message.addRecipient(Message.RecipientType.TO, new InternetAddress(address));
      }
      // A reason may hold anything; a subject is one line.
      String subject = wording.subject(notice).replaceAll("\\p{Cntrl}", " ");
      message.setSubject(subject, StandardCharsets.UTF_8.name());
      message.setText(wording.text(notice), StandardCharsets.UTF_8.name());
      message.setSentDate(Date.from(notice.time()));
      message.setHeader("Auto-Submitted", "auto-generated");
      Transport.send(message);
    } catch (MessagingException e) {
      throw new IOException("mail by " + host + ":" + port + ": " + e.getMessage(), e);
    }
  }

  private Session session() {
    Properties settings = new Properties();
    settings.setProperty("mail.smtp.host", host);
    settings.setProperty("mail.smtp.port", String.valueOf(port));
    settings.setProperty("mail.smtp.connectiontimeout", PATIENCE_MILLIS);
    settings.setProperty("mail.smtp.timeout", PATIENCE_MILLIS);
    settings.setProperty("mail.smtp.writetimeout", PATIENCE_MILLIS);
    settings.setProperty("mail.smtp.ssl.checkserveridentity", "true");
    settings.setProperty("mail.smtp.ssl.enable", String.valueOf(security == Security.TLS));
    settings.setProperty(
        "mail.smtp.starttls.enable", String.valueOf(security == Security.STARTTLS));
    settings.setProperty(
        "mail.smtp.starttls.required", String.valueOf(security == Security.STARTTLS));
    if (user == null) {
      return Session.getInstance(settings);
    }
    settings.setProperty("mail.smtp.auth", "true");
    return Session.getInstance(
        settings,
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            return new PasswordAuthentication(user, password);
          }
        });
  }

  /** Without the password. */
  @Override
  public String toString() {
    return name + ": mail by " + host + ":" + port;
  }
}
