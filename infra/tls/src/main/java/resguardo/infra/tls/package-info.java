/** Certificates and keys for TLS, from files that may be renewed. */
@NullMarked
package resguardo.infra.tls;

import org.jspecify.annotations.NullMarked;
