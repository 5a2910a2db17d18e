/** Makes versions of the tarballs of other programs. */
@NullMarked
package resguardo.transfer.tarball;

import org.jspecify.annotations.NullMarked;
