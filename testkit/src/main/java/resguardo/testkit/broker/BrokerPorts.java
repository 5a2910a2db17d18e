package resguardo.testkit.broker;

import resguardo.core.Peer;
import resguardo.core.port.ActivityChannel;
import resguardo.core.port.AgentChannel;
import resguardo.core.port.CommandChannel;
import resguardo.core.port.ControlChannel;
import resguardo.core.port.EventChannel;
import resguardo.core.port.ReplyChannel;

/**
 * What one process has of a broker, beside the jobs.
 *
 * @param self as whom it is connected
 */
public record BrokerPorts(
    Peer self,
    CommandChannel commands,
    AgentChannel agents,
    ReplyChannel replies,
    EventChannel events,
    ActivityChannel activity,
    ControlChannel control) {}
