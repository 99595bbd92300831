"""Forms on pages: typed texts to answers and back, laid out with what is wrong.

Front doors:
    typed_dates: three boxes, or a whole date in one of them, to a day
    typed_answers: posted texts to typed answers, and answers to texts
    layout: a form as sections of inputs, with values and messages
    inputs: what stands on a page of a form
    sections: how far each section of a long form is, and who changed it
    short_forms: forms that are answered in the list
    payload_forms: forms that no file holds: a message's payload, a correction
    answers_in_words: recorded answers, section by section

Imports: engine.context, engine.domain, engine.errors, engine.open_work, engine.packs,
engine.people, engine.reads, engine.storage, web.request.
"""
