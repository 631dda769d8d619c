"""The least bot that DingTalk's Stream SDK from PyPI makes: it acknowledges."""

import asyncio
import os

import dingtalk_stream
from dingtalk_stream import AckMessage


class Quiet(dingtalk_stream.ChatbotHandler):
    async def process(self, callback):
        return AckMessage.STATUS_OK, "OK"


async def main():
    bots = []
    for number in range(int(os.environ["BENCH_CONNECTIONS"])):
        credential = dingtalk_stream.Credential(f"dingbench{number:012}", "a secret for the bench alone")
        client = dingtalk_stream.DingTalkStreamClient(credential)
        client.register_callback_handler(dingtalk_stream.ChatbotMessage.TOPIC, Quiet())
        bots.append(client.start())
    await asyncio.gather(*bots)


asyncio.run(main())
