/** The documentation as a site, and what checks it. */
@NullMarked
package resguardo.site;

import org.jspecify.annotations.NullMarked;
