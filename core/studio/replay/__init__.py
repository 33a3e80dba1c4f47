"""The replay of the past: what would a draft have done with the tickets that it would have taken, as far as that can be known?"""
