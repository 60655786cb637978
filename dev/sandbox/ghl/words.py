"""Vocabulary of the generated data. Names of many scripts on purpose: a mirror that only survives ASCII is broken."""

FIRST = (
    "Ana", "José", "Łukasz", "Zoë", "Bjørn", "Mei", "李", "Олена", "Fatima", "محمد", "Noël", "Siobhán", "Arjun",
    "Priya", "John", "Mary", "Robert", "Linda", "James", "Susan", "Michael", "Karen", "David", "Nancy",
    "Chris", "Lisa", "Daniel", "Betty", "Paul", "Sandra", "Mark", "Ashley", "Jürgen", "Françoise", "Đặng",
    "O'Neil", "Ioana", "Gül", "Håkon", "Ñusta", "Kwame", "Amara", "Yuki", "Sakura", "Minh", "Rosa", "Pedro",
    "Inés", "Tomáš", "Žofia",
)  # fmt: skip
LAST = (
    "García", "Smith", "Müller", "Nowak", "O'Brien", "Nguyễn", "王", "Шевченко", "Haddad", "Al-Masri", "Dubois",
    "Rossi", "Johnson", "Williams", "Brown", "Jones", "Miller", "Davis", "Wilson", "Anderson", "Taylor",
    "Thomas", "Moore", "Martin", "Lee", "Walker", "Hall", "Allen", "Young", "King", "Wright", "Scott",
    "Torres", "Hill", "Flores", "Green", "Adams", "Nelson", "Baker", "Çelik", "Søndergaard", "Kovács",
    "Ştefănescu", "de la Cruz", "van den Berg", "St. John-Smythe", "Kaur", "Patel", "Tanaka", "Okafor",
)  # fmt: skip
COMPANIES = (
    "Acme Roofing", "Blue Sky Solar", "Café Olé", "Dental Plus GmbH", "Evergreen Landscaping", "Fitness & Co.",
    "Gómez Hermanos", "Harbor Realty", "Iron Gate Security", "Jones \"The Plumber\" Ltd", "Königlich Bau",
    "Lakeside Clinic", "Møller & Sønn", "Northwind HVAC", "Orchard Dental", "Pioneer Legal LLP",
)  # fmt: skip
CITIES = (
    ("Austin", "TX", "US", "78701", "America/Chicago"), ("Miami", "FL", "US", "33101", "America/New_York"),
    ("Denver", "CO", "US", "80201", "America/Denver"),
    ("San José", "CA", "US", "95110", "America/Los_Angeles"),
    ("Toronto", "ON", "CA", "M5H 2N2", "America/Toronto"),
    ("London", "England", "GB", "EC1A 1BB", "Europe/London"),
    ("München", "BY", "DE", "80331", "Europe/Berlin"), ("Łódź", "ŁD", "PL", "90-001", "Europe/Warsaw"),
    ("São Paulo", "SP", "BR", "01000-000", "America/Sao_Paulo"),
    ("Sydney", "NSW", "AU", "2000", "Australia/Sydney"),
)  # fmt: skip
STREETS = (
    "Main St", "Elm Ave", "Calle Mayor", "Bahnhofstraße", "Rue de l'Église", "Ocean Dr", "ul. Długa",
    "King's Road",
)  # fmt: skip
DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com", "münchen.example.com")
SOURCES = (
    "facebook", "google ads", "referral", "website", "public api", "csv import", "Form: Free Quote", "walk-in",
)  # fmt: skip
TAGS = (
    "new lead", "hot", "cold", "vip", "do not call", "webinar 2026", "newsletter", "no show", "quoted", "won",
    "lost", "facebook ad", "google ad", "español", "prospect", "follow up", "imported", "über-kunde",
    "a/b test", "re-engage",
)  # fmt: skip
TASKS = (
    "Call back", "Send quote", "Follow up on proposal", "Book appointment", "Check insurance",
    "Überprüfen: Vertrag", "Send contract",
)  # fmt: skip
DEALS = (
    "Roof replacement", "Solar 8 kW", "Dental implant", "Website redesign", "Annual contract", "Kitchen",
    "Consulting",
)  # fmt: skip
MESSAGES = (
    "Hi, is this still available?", "Thanks, talk soon 👍", "Can you call me tomorrow at 10?", "STOP",
    "¿Tiene cita para hoy?", "Your appointment is confirmed.", "Please send the quote <b>again</b>", "Ok",
    "Missed call", "I'd like to know more about pricing & terms",
)  # fmt: skip
STAGES = ("New Lead", "Contacted", "Proposal Sent", "Negotiation", "Closed")
LOST_REASONS = ("Too expensive", "Went with competitor", "No response", "Not qualified")
CONVERSATION_KINDS = (
    # conversation type, last message type, number of the type, message type numbers
    ("TYPE_PHONE", "TYPE_SMS", 1, (2,)),
    ("TYPE_PHONE", "TYPE_CALL", 1, (1, 2)),
    ("TYPE_EMAIL", "TYPE_EMAIL", 2, (3,)),
    ("TYPE_FB_MESSENGER", "TYPE_FACEBOOK", 3, (11,)),
    ("TYPE_PHONE", "TYPE_ACTIVITY_OPPORTUNITY", 1, (2, 28)),
)
