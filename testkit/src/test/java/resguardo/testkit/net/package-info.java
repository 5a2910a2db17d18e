@NullMarked
package resguardo.testkit.net;

import org.jspecify.annotations.NullMarked;
