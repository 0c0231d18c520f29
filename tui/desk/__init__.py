"""What a responder can do. One function is one act: it runs whole inside one transaction.

`alerts`, `incidents`, `phases`, `people`, `notes`, `learn`, `undo` hold the acts; `act` says
who acts and what came of it. Console and verbs call the same functions through `perform`.
"""
