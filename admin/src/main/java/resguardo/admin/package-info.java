/** The operator's side: commands sent, answers awaited and shown. */
@NullMarked
package resguardo.admin;

import org.jspecify.annotations.NullMarked;
