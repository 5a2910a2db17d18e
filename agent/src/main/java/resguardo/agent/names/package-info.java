/** Names that a walk remembers, within a bound of memory. */
@NullMarked
package resguardo.agent.names;

import org.jspecify.annotations.NullMarked;
