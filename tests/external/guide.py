"""Captioned clips of one video by plain HTTP, as a reader of the vendor's guide would write it."""

import os
import sys
import time

import requests

session = requests.Session()
session.headers["x-api-key"] = os.environ["KEY"]
jobs = os.environ["API"] + "/v3/clips"

order = {
    "video": {"type": "url", "url": os.environ["VIDEO"]},
    "max_clips": 3,
    "aspect_ratio": "9:16",
    "enable_caption": True,
    "instruction": "what people can do with it",
}
created = session.post(jobs, json=order)
created.raise_for_status()
job_url = f"{jobs}/{created.json()['data']['clip_job_id']}"

deadline = time.monotonic() + 300
while (job := session.get(job_url).json()["data"])["status"] in ("pending", "running"):
    if time.monotonic() > deadline:
        sys.exit("the job did not end within five minutes")
    time.sleep(0.5)

if job["status"] == "failed":
    sys.exit(f"the job failed: {job['failure_message']}")
for clip in job["clips"]:
    video = requests.get(clip["url"])
    captions = requests.get(clip["caption_url"])
    video.raise_for_status()
    captions.raise_for_status()
    print(f"{clip['duration']:6.2f} s  {len(video.content):8} bytes  {clip['label']}")
if not job["clips"]:
    sys.exit("no clip was made")
