@NullMarked
package resguardo.infra.store;

import org.jspecify.annotations.NullMarked;
