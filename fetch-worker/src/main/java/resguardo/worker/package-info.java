/** One job in, one version in the bucket out; and the way back for queries. */
@NullMarked
package resguardo.worker;

import org.jspecify.annotations.NullMarked;
