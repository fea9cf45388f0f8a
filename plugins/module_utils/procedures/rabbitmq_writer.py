"""A client that publishes numbered messages to a quorum queue and notes every one that is confirmed: its pod. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.api.objects import Object, get
from ..core.builders import environment as variables
from ..systems.rabbitmq.network import drill
from . import client_pod
from .client_pod import TMP

# The server's image has Erlang and RabbitMQ's own client. One message at a time, mandatory, never the same number
# twice: a number whose confirm was lost on the way stays unknown. Bash is there to take the signal that ends it. Erlang
# reports of lost connections show how they were made, so that none is printed.
CLIENT = r"""
-mode(compile).
-include_lib("amqp_client/include/amqp_client.hrl").
main(_) ->
  logger:set_primary_config(level, none),
  wait_declared(), write(1), finish(60).
env(Name) -> list_to_binary(os:getenv(Name)).
say(Format, Given) ->
  Micro = os:system_time(microsecond),
  io:format("~w.~6..0w " ++ Format ++ "~n", [Micro div 1000000, Micro rem 1000000 | Given]).
stopping() -> filelib:is_file("/tmp/stop").
tls() ->
  case os:getenv("CA") of
    false -> none;
    File -> [{cacertfile, File}, {verify, verify_peer}, {server_name_indication, os:getenv("HOST")}]
  end.
open() ->
  {ok, Connection} = amqp_connection:start(#amqp_params_network{
    username = env("USERNAME"), password = env("PASSWORD"), host = os:getenv("HOST"), ssl_options = tls(),
    port = list_to_integer(os:getenv("PORT")), connection_timeout = 4000, heartbeat = 4}),
  unlink(Connection),
  {ok, Channel} = amqp_connection:open_channel(Connection),
  {Connection, Channel}.
declare(Channel) ->
  amqp_channel:call(Channel, #'queue.declare'{
    queue = env("QUEUE"), durable = true, arguments = [{<<"x-queue-type">>, longstr, <<"quorum">>}]}).
try_once(Do) ->
  try
    {Connection, Channel} = open(),
    try Do(Channel) after catch amqp_connection:close(Connection, 1000) end
  catch _:Why -> {failed, words(Why)} end.
words(Why) ->
  Hidden = string:replace(io_lib:format("~0p", [Why]), os:getenv("PASSWORD"), "***", all),
  lists:sublist(unicode:characters_to_list(Hidden), 120).
wait_declared() ->
  case try_once(fun declare/1) of
    {failed, Why} -> say("error 0 ~s", [Why]), timer:sleep(1000), stopping() orelse wait_declared();
    _ -> ok
  end.
write(N) ->
  case stopping() of
    true -> ok;
    false ->
      Next = case try_once(fun(Channel) -> session(Channel, N) end) of
        {failed, Why} -> say("error ~w ~s", [get_number(N), Why]), get_number(N) + 1;
        Other -> Other
      end,
      timer:sleep(pause()),
      write(Next)
  end.
pause() -> round(list_to_float(os:getenv("INTERVAL")) * 1000).
get_number(N) -> case get(number) of undefined -> N; Number -> max(N, Number) end.
session(Channel, N) ->
  #'confirm.select_ok'{} = amqp_channel:call(Channel, #'confirm.select'{}),
  amqp_channel:register_return_handler(Channel, self()),
  publish(Channel, N).
publish(Channel, N) ->
  put(number, N),
  Publish = #'basic.publish'{routing_key = env("QUEUE"), mandatory = true},
  Message = #amqp_msg{props = #'P_basic'{delivery_mode = 2}, payload = integer_to_binary(N)},
  amqp_channel:call(Channel, Publish, Message),
  Confirmed = amqp_channel:wait_for_confirms(Channel, 20),
  Returned = receive {#'basic.return'{}, _} -> true after 0 -> false end,
  case {Confirmed, Returned} of
    {true, false} ->
      say("ack ~w", [N]),
      file:write_file("/tmp/writing", <<>>),
      timer:sleep(pause()),
      case stopping() of true -> N + 1; false -> publish(Channel, N + 1) end;
    {true, true} -> say("error ~w returned: nobody took it", [N]), N + 1;
    {false, _} -> say("error ~w refused", [N]), N + 1;
    _ -> say("lost ~w", [N]), N + 1
  end.
finish(0) -> ok;
finish(Tries) ->
  say("end", []),
  case try_once(fun drain/1) of
    {failed, Why} -> say("error 0 ~s", [Why]), timer:sleep(1000), finish(Tries - 1);
    Numbers ->
      say("kept ~s", [lists:join(" ", ranges(lists:usort(Numbers)))]),
      say("done", []),
      try_once(fun(Channel) -> amqp_channel:call(Channel, #'queue.delete'{queue = env("QUEUE")}) end)
  end.
drain(Channel) ->
  #'queue.declare_ok'{message_count = Count} = declare(Channel),
  amqp_channel:subscribe(Channel, #'basic.consume'{queue = env("QUEUE")}, self()),
  receive #'basic.consume_ok'{} -> collect(Count, []) end.
collect(0, Numbers) -> Numbers;
collect(Left, Numbers) ->
  receive {#'basic.deliver'{}, #amqp_msg{payload = Number}} -> collect(Left - 1, [binary_to_integer(Number) | Numbers])
  after 30000 -> exit(fewer) end.
ranges([]) -> [];
ranges([First | Rest]) -> ranges(First, First, Rest).
ranges(First, Last, [Next | Rest]) when Next =:= Last + 1 -> ranges(First, Next, Rest);
ranges(First, Last, Rest) -> [io_lib:format("~w-~w", [First, Last]) | ranges(Rest)].
"""
SCRIPT = r"""
trap 'touch /tmp/stop' TERM
for each in /opt/rabbitmq/plugins /usr/lib/rabbitmq/lib/*/plugins; do [ -d "$each" ] && export ERL_LIBS=$each; done
{ echo '#!/usr/bin/env escript'; echo '%%! -noinput -hidden'; echo "$CLIENT"; } > /tmp/client
escript /tmp/client &
while kill -0 $! 2> /dev/null; do wait $!; done
"""
_CERTIFICATES = "/etc/drill"


def pod(name: str, cluster: Object, environment: Mapping[str, str], avoid: str = "") -> Object:
    """A pod of the nodes' own image that runs the client; environment: QUEUE, INTERVAL (seconds, with a point).

    avoid: the node that it must not be on. Its labels let it through the NetworkPolicies of the cluster.
    """
    which, namespace = str(get(cluster, "metadata", "name")), str(get(cluster, "metadata", "namespace"))
    tls = get(cluster, "spec", "tls", "secretName")
    only = get(cluster, "spec", "tls", "disableNonTLSListeners")
    plain = {"HOST": f"{which}.{namespace}.svc", "PORT": "5671" if only else "5672", "CLIENT": CLIENT, **environment}
    plain |= {"CA": f"{_CERTIFICATES}/ca.crt"} if only else {}
    user = f"{which}-default-user"
    container = {
        "image": get(cluster, "spec", "image"),
        "command": ["bash", "-c", SCRIPT],
        "env": variables({**plain, "HOME": TMP}, USERNAME=(user, "username"), PASSWORD=(user, "password")),
    }
    authority = {"secret": {"secretName": tls, "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
    return client_pod.pod(
        name,
        namespace,
        drill({"name": which}),
        container,
        memory=128,
        avoid=avoid,
        volumes={"ca": (_CERTIFICATES, authority)} if only else None,
        owner=cluster,
        terminationGracePeriodSeconds=110,
        imagePullSecrets=get(cluster, "spec", "imagePullSecrets"),
        securityContext={"runAsNonRoot": True, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}},
        tolerations=get(cluster, "spec", "tolerations"),
    )
