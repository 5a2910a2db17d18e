/** The archive format: entries in, one ordinary tar.gz out, the same bytes for the same input. */
@NullMarked
package resguardo.archive;

import org.jspecify.annotations.NullMarked;
