/** What of a set is left out, by the rules of {@code .gitignore} files. */
@NullMarked
package resguardo.agent.ignore;

import org.jspecify.annotations.NullMarked;
