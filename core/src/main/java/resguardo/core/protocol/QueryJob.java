package resguardo.core.protocol;

import org.jspecify.annotations.Nullable;
import resguardo.core.RegistrationKey;
import resguardo.core.ReplyId;
import resguardo.core.Serial;

/**
 * The work of sending one version to whoever asked, over {@code jobs.restore}. The coordinator has
 * found the version; the worker that takes this streams it to {@code replyTo}, beginning with
 * {@link StreamMessage.QueryOpened}.
 *
 * @param entry only this entry, with what is below it; absent: all
 */
public record QueryJob(
    RegistrationKey registration, Serial serial, @Nullable String entry, ReplyId replyTo) {}
