/** Documentation that is made of what programs say of themselves. */
@NullMarked
package resguardo.testkit.docs;

import org.jspecify.annotations.NullMarked;
