/** The words of Resguardo: nodes, paths, registrations, schedules, jobs. */
@NullMarked
package resguardo.core;

import org.jspecify.annotations.NullMarked;
