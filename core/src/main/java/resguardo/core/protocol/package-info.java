/** Every message that crosses a queue, and the one strict JSON codec that reads and writes them. */
@NullMarked
package resguardo.core.protocol;

import org.jspecify.annotations.NullMarked;
