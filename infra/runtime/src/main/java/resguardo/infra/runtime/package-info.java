/** What every process has, whatever its role: activity lines, signs of life, health and metrics. */
@NullMarked
package resguardo.infra.runtime;

import org.jspecify.annotations.NullMarked;
