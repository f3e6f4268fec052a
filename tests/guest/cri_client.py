#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A kubelet's side of the Container Runtime Interface, as far as tests need it.

usage: cri_client.py SOCKET pod NAMESPACE NAME HANDLER [ANNOTATION=VALUE...]
                            container POD NAME IMAGE [USER [CDI-DEVICE...]]
                            exec CONTAINER COMMAND...
                            update CONTAINER CPU-SHARES
                            stop|remove CONTAINER
                            remove-pod POD

pod and container print an id, exec what COMMAND says. What the engine refuses goes to stderr, with status 1.
There is no crictl in Debian 12; the messages are short enough to be written by hand.
"""

import sys

import grpc

SERVICE = "/runtime.v1.RuntimeService/"
NODE_NETWORK = 2
LIMIT = 200  # seconds; a machine can be busy


def varint(number):
    text = bytearray()
    while number > 127:
        text.append(number & 127 | 128)
        number >>= 7
    text.append(number)
    return bytes(text)


def message(*fields):
    """Each field is a number and a value: text, bytes (a message) or an integer."""
    text = b""
    for number, value in fields:
        if isinstance(value, int):
            text += varint(number << 3) + varint(value)
        else:
            value = value.encode() if isinstance(value, str) else value
            text += varint(number << 3 | 2) + varint(len(value)) + value
    return text


def read_varint(text, at):
    number = shift = 0
    while text[at] > 127:
        number |= (text[at] & 127) << shift
        shift, at = shift + 7, at + 1
    return number | text[at] << shift, at + 1


def fields_of(text):
    """What a message has, of the two types that responses consist of."""
    fields, at = {}, 0
    while at < len(text):
        key, at = read_varint(text, at)
        value, at = read_varint(text, at)
        if key & 7 == 2:
            value, at = text[at : at + value], at + value
        fields[key >> 3] = value
    return fields


class Engine:
    def __init__(self, socket):
        self.socket = socket
        self.channel = grpc.insecure_channel("unix:" + socket)

    def call(self, method, *fields):
        return fields_of(self.channel.unary_unary(SERVICE + method)(message(*fields), timeout=LIMIT))

    # Creating a container needs what its pod was asked for with.
    def pod_file(self, pod):
        return f"{self.socket}.{pod}"

    def pod(self, namespace, name, handler, *annotations):
        network = message((2, message((1, message((1, NODE_NETWORK))))))
        config = message(
            (1, message((1, name), (2, f"uid-{name}"), (3, namespace))),
            *((7, message(*enumerate(annotation.split("=", 1), 1))) for annotation in annotations),
            (8, network),
        )
        pod = self.call("RunPodSandbox", (1, config), (2, handler))[1].decode()
        with open(self.pod_file(pod), "wb") as file:
            file.write(config)
        print(pod)

    def container(self, pod, name, image, user="0", *devices):
        with open(self.pod_file(pod), "rb") as file:
            pod_config = file.read()
        security = message((3, message((1, NODE_NETWORK))), (5, message((1, int(user)))))
        config = message(
            (1, message((1, name))),
            (2, message((1, image))),
            (3, "/bin/sleep"),
            (4, "1000"),
            (15, message((2, security))),
            *((17, message((1, device))) for device in devices),
        )
        created = self.call("CreateContainer", (1, pod), (2, config), (3, pod_config))
        container = created[1].decode()
        try:
            self.call("StartContainer", (1, container))
        except grpc.RpcError:
            self.call("RemoveContainer", (1, container))
            raise
        print(container)

    def exec(self, container, *command):
        result = self.call("ExecSync", (1, container), *((2, word) for word in command), (3, LIMIT))
        sys.stdout.write(result.get(1, b"").decode())
        sys.stderr.write(result.get(2, b"").decode())
        sys.exit(result.get(3, 0))

    def update(self, container, shares):
        self.call("UpdateContainerResources", (1, container), (2, message((3, int(shares)))))

    def stop(self, container):
        self.call("StopContainer", (1, container))

    def remove(self, container):
        self.call("RemoveContainer", (1, container))

    def remove_pod(self, pod):
        self.call("StopPodSandbox", (1, pod))
        self.call("RemovePodSandbox", (1, pod))


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    engine = Engine(sys.argv[1])
    try:
        getattr(engine, sys.argv[2].replace("-", "_"))(*sys.argv[3:])
    except grpc.RpcError as error:
        sys.exit(error.details())


main()
