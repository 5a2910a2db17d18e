/** The contract that every archive store passes, a store in memory, and a real MinIO for tests. */
@NullMarked
package resguardo.testkit.store;

import org.jspecify.annotations.NullMarked;
