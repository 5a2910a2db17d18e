/** Whether a version looks as if a disaster were backed up: malware, an emptied disk. */
@NullMarked
package resguardo.worker.alarm;

import org.jspecify.annotations.NullMarked;
