"""What REST edges ask before they transcode: is this request of the contract, and who signed it?"""
