/** What the broker ports promise, as tests. */
@NullMarked
package resguardo.testkit.broker;

import org.jspecify.annotations.NullMarked;
