/** The operator's console in a browser: pages that are made here, of what the coordinator says. */
@NullMarked
package resguardo.console;

import org.jspecify.annotations.NullMarked;
