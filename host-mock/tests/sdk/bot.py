"""A bot made with the Stream SDK from PyPI, as its authors show it; only the base URL is another one."""

import os

import dingtalk_stream
from dingtalk_stream import AckMessage
from dingtalk_stream.card_instance import AIMarkdownCardInstance


class Answers(dingtalk_stream.ChatbotHandler):
    async def process(self, callback):
        message = dingtalk_stream.ChatbotMessage.from_dict(callback.data)
        text = message.text.content.strip()
        if text.startswith("card"):
            card = AIMarkdownCardInstance(self.dingtalk_client, message)
            card.ai_start()
            card.ai_streaming("one", append=True)
            card.ai_streaming(" two", append=True)
            card.ai_finish("one two three")
        else:
            self.reply_text(f"echo: {text}", message)
        return AckMessage.STATUS_OK, "OK"


class Events(dingtalk_stream.EventHandler):
    async def process(self, event):
        return AckMessage.STATUS_OK, "OK"


# DINGTALK_OPENAPI_ENDPOINT, which the SDK reads, is set by who starts this.
credential = dingtalk_stream.Credential(os.environ["SDK_CLIENT_ID"], os.environ["SDK_CLIENT_SECRET"])
client = dingtalk_stream.DingTalkStreamClient(credential)
client.register_callback_handler(dingtalk_stream.ChatbotMessage.TOPIC, Answers())
client.register_all_event_handler(Events())
client.start_forever()
