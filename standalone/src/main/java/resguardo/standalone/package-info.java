/** Every role in one process, on an embedded broker and a folder: to try Resguardo out. */
@NullMarked
package resguardo.standalone;

import org.jspecify.annotations.NullMarked;
