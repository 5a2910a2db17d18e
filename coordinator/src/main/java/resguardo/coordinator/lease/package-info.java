/** Which of several coordinators leads, and what keeps the others from writing. */
@NullMarked
package resguardo.coordinator.lease;

import org.jspecify.annotations.NullMarked;
