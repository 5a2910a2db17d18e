/**
 * The broker ports on RabbitMQ, by AMQP 0-9-1; no more is asked of the broker than the embedded one
 * can do too.
 */
@NullMarked
package resguardo.infra.rabbit;

import org.jspecify.annotations.NullMarked;
