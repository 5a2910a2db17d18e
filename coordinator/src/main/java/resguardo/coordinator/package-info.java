/** Commands in, due jobs out, what happened recorded. */
@NullMarked
package resguardo.coordinator;

import org.jspecify.annotations.NullMarked;
