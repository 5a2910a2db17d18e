@NullMarked
package resguardo.testkit.store;

import org.jspecify.annotations.NullMarked;
