"""Sources that are asked instead of sending: where a collector can't be reached from outside, it goes and looks.

One small file for each kind says what to ask and which bodies come of it; `runner` asks, keeps the
pace, and hands the bodies to the same intake as the receiver's.
"""
