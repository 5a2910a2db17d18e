/** What a version is made of: its manifest, header and entries. */
@NullMarked
package resguardo.core.version;

import org.jspecify.annotations.NullMarked;
