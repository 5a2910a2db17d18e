/** Expires the versions that no policy keeps, and frees what nothing leans on any more. */
@NullMarked
package resguardo.retention;

import org.jspecify.annotations.NullMarked;
