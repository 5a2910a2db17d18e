/**
 * Tells people what is wrong: finds it out by asking the coordinator now and then, so that nothing
 * is lost while nobody listens, and tells each trouble once, again after a day, and when it is
 * over.
 */
@NullMarked
package resguardo.admin.notify;

import org.jspecify.annotations.NullMarked;
