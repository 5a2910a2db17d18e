/**
 * What the roles ask of a broker and of a store. Every adapter passes the contract tests of the
 * testkit.
 */
@NullMarked
package resguardo.core.port;

import org.jspecify.annotations.NullMarked;
