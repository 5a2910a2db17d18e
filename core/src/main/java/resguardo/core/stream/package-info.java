/**
 * The transfer of bytes over reply channels: sequence, checksum, credit. Pure logic over the ports.
 */
@NullMarked
package resguardo.core.stream;

import org.jspecify.annotations.NullMarked;
