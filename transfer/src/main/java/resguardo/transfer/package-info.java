/** What is done by whoever holds the keys of buckets: taking tarballs over, copying versions. */
@NullMarked
package resguardo.transfer;

import org.jspecify.annotations.NullMarked;
