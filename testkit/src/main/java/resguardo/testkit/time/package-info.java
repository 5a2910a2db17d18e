/** Time and threads as tests want them. */
@NullMarked
package resguardo.testkit.time;

import org.jspecify.annotations.NullMarked;
