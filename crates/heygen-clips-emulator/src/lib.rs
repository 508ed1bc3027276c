//! HeyGen's clipping API on your own machine: same contract, real clips, no account.
