/** Copies versions to another bucket, and keeps it in step. */
@NullMarked
package resguardo.transfer.copy;

import org.jspecify.annotations.NullMarked;
