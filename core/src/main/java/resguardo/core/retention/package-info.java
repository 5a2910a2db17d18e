/** Which versions are kept, and why: a decision that changes nothing. */
@NullMarked
package resguardo.core.retention;

import org.jspecify.annotations.NullMarked;
