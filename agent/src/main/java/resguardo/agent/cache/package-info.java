/**
 * What an agent remembers of each registration between two rounds: the lines of the newest version
 * and the state of the files that they tell of. It can be deleted at any time.
 */
@NullMarked
package resguardo.agent.cache;

import org.jspecify.annotations.NullMarked;
