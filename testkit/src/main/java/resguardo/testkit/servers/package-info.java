/** Real servers for tests, started by the scripts that users start them by. */
@NullMarked
package resguardo.testkit.servers;

import org.jspecify.annotations.NullMarked;
